package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// logAnswer says what was checked of a log.
type logAnswer struct {
	Origin  string `json:"origin"`
	Size    int64  `json:"size"`
	Root    string `json:"root"`
	Records int    `json:"records"`
}

func runLog(args []string) (any, error) {
	flags := flag.NewFlagSet("log", flag.ContinueOnError)
	old := flags.String("old", "", "file with an earlier checkpoint")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() != 2 {
		return nil, fmt.Errorf("want a key and a log, got %q", flags.Args())
	}
	key, err := note.NewVerifier(flags.Arg(0))
	if err != nil {
		return nil, fmt.Errorf("the key: %w", err)
	}
	tiles, err := openLog(flags.Arg(1))
	if err != nil {
		return nil, err
	}
	return checkLog(context.Background(), key, readOnce{tiles, map[tlog.Tile][]byte{}}, *old)
}

func openLog(where string) (torchwood.TileReader, error) {
	if strings.HasPrefix(where, "http://") || strings.HasPrefix(where, "https://") {
		return torchwood.NewTileFetcher(where)
	}
	return torchwood.NewTileFS(os.DirFS(where))
}

func checkLog(ctx context.Context, key note.Verifier, tiles torchwood.TileReader, old string) (any, error) {
	signed, err := tiles.ReadEndpoint(ctx, "checkpoint")
	if err != nil {
		return nil, err
	}
	head, err := openCheckpoint(signed, key)
	if err != nil {
		return nil, err
	}
	hashes := torchwood.TileHashReaderWithContext(ctx, head.Tree, tiles)
	if err := checkRoot(head.Tree, hashes); err != nil {
		return nil, err
	}
	if old != "" {
		if err := checkOld(old, key, head, hashes); err != nil {
			return nil, err
		}
	}
	records, err := checkRecords(ctx, head.Tree, tiles, hashes)
	if err != nil {
		return nil, err
	}
	return logAnswer{Origin: head.Origin, Size: head.N, Root: head.Hash.String(), Records: records}, nil
}

func openCheckpoint(signed []byte, key note.Verifier) (torchwood.Checkpoint, error) {
	opened, err := note.Open(signed, note.VerifierList(key))
	if err != nil {
		return torchwood.Checkpoint{}, fmt.Errorf("the checkpoint's signature: %w", err)
	}
	head, err := torchwood.ParseCheckpoint(opened.Text)
	if err != nil {
		return torchwood.Checkpoint{}, err
	}
	if head.Origin != key.Name() {
		return torchwood.Checkpoint{}, fmt.Errorf("the checkpoint is of %q, the key of %q", head.Origin, key.Name())
	}
	return head, nil
}

// checkRoot computes the root from the tiles; sumdb's reader checks each tile it loads against the tree.
func checkRoot(tree tlog.Tree, hashes tlog.HashReader) error {
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil {
		return fmt.Errorf("the root from the tiles: %w", err)
	}
	if root != tree.Hash {
		return fmt.Errorf("the tiles give root %v, the checkpoint has %v", root, tree.Hash)
	}
	return nil
}

// checkOld proves that the log only grew since the checkpoint in file `name`.
func checkOld(name string, key note.Verifier, head torchwood.Checkpoint, hashes tlog.HashReader) error {
	signed, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	earlier, err := openCheckpoint(signed, key)
	if err != nil {
		return fmt.Errorf("the earlier checkpoint: %w", err)
	}
	if earlier.N > head.N {
		return fmt.Errorf("the log shrank from %d to %d", earlier.N, head.N)
	}
	if earlier.N == 0 {
		return nil
	}
	proof, err := tlog.ProveTree(head.N, earlier.N, hashes)
	if err != nil {
		return fmt.Errorf("the consistency proof: %w", err)
	}
	if err := tlog.CheckTree(proof, head.N, head.Hash, earlier.N, earlier.Hash); err != nil {
		return fmt.Errorf("the log did not grow from the earlier checkpoint: %w", err)
	}
	return nil
}

// checkRecords reads each entry bundle and proves each entry in the tree.
func checkRecords(ctx context.Context, tree tlog.Tree, tiles torchwood.TileReader, hashes tlog.HashReader) (int, error) {
	read := int64(0)
	for read < tree.N {
		bundle := tlog.Tile{H: torchwood.TileHeight, L: -1, N: read / torchwood.TileWidth, W: torchwood.TileWidth}
		if rest := tree.N - read; rest < torchwood.TileWidth {
			bundle.W = int(rest)
		}
		data, err := tiles.ReadTiles(ctx, []tlog.Tile{bundle})
		if err != nil {
			return 0, err
		}
		for count := 0; count < bundle.W; count++ {
			var entry []byte
			if entry, data[0], err = torchwood.ReadTileEntry(data[0]); err != nil {
				return 0, fmt.Errorf("entry %d: %w", read, err)
			}
			if err := checkRecord(tree, read, entry, hashes); err != nil {
				return 0, fmt.Errorf("entry %d: %w", read, err)
			}
			read++
		}
		if len(data[0]) != 0 {
			return 0, fmt.Errorf("bundle %d has %d bytes too many", bundle.N, len(data[0]))
		}
	}
	return int(read), nil
}

func checkRecord(tree tlog.Tree, index int64, entry []byte, hashes tlog.HashReader) error {
	proof, err := tlog.ProveRecord(tree.N, index, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}
