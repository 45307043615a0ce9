package main

import (
	"context"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

// readOnce keeps the hash tiles that it has read: a proof of each entry asks for the same ones again and again.
type readOnce struct {
	torchwood.TileReader
	tiles map[tlog.Tile][]byte
}

func (r readOnce) ReadTiles(ctx context.Context, tiles []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(tiles))
	for place, tile := range tiles {
		if kept, ok := r.tiles[tile]; ok {
			found[place] = kept
			continue
		}
		data, err := r.TileReader.ReadTiles(ctx, []tlog.Tile{tile})
		if err != nil {
			return nil, err
		}
		found[place] = data[0]
		if tile.L >= 0 {
			r.tiles[tile] = data[0]
		}
	}
	return found, nil
}
