// Writes what the published tests of transparency-dev/merkle hold against a verifier, as JSON lines.
//
// It is no part of this module. `make strangers` copies the folder `proof` of the pinned merkle module and puts this
// file into the copy, where it sees that package's own tables and its own corruptions of them. Each line has the
// library's own verdict. Beside the published tables it does the same to every proof of every small tree.
package proof

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/transparency-dev/merkle/rfc6962"
)

// The trees of 1 to largestTree leaves: they have every shape that four levels can have.
const largestTree = 17

type vector struct {
	Kind   string   `json:"kind"`
	Source string   `json:"source"`
	Desc   string   `json:"desc"`
	Index  uint64   `json:"index"` // of an inclusion proof; the older size of a consistency proof
	Size   uint64   `json:"size"`
	Hash   []byte   `json:"hash"` // the leaf's, or the older root
	Root   []byte   `json:"root"`
	Proof  [][]byte `json:"proof"`
	Accept bool     `json:"accept"`
}

func TestWriteVectors(t *testing.T) {
	file, err := os.Create(os.Getenv("VECTORS"))
	if err != nil {
		t.Fatal(err)
	}
	out := json.NewEncoder(file)
	write := func(v vector) {
		v.Accept = judge(v) == nil
		if err := out.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	writePublished(write)
	writeSmallTrees(t, write)
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

func judge(v vector) error {
	if v.Kind == "inclusion" {
		return VerifyInclusion(hasher, v.Index, v.Size, v.Hash, v.Proof, v.Root)
	}
	return VerifyConsistency(hasher, v.Index, v.Size, v.Proof, v.Hash, v.Root)
}

func writePublished(write func(vector)) {
	for _, p := range inclusionProofs[1:] {
		leaf := rfc6962.DefaultHasher.HashLeaf(leaves[p.leaf-1])
		writeInclusion("published", p.leaf-1, p.size, p.proof, roots[p.size-1], leaf, write)
	}
	for _, p := range consistencyProofs {
		writeConsistency("published", p.size1, p.size2, p.proof, roots[p.size1-1], roots[p.size2-1], write)
	}
}

func writeInclusion(source string, index, size uint64, path [][]byte, root, leaf []byte, write func(vector)) {
	write(vector{"inclusion", source, "happy path", index, size, leaf, root, path, false})
	for _, c := range corruptInclusionProof(index, size, path, root, leaf) {
		write(vector{"inclusion", source, c.desc, c.leafIndex, c.treeSize, c.leafHash, c.root, c.proof, false})
	}
}

func writeConsistency(source string, size1, size2 uint64, path [][]byte, root1, root2 []byte, write func(vector)) {
	write(vector{"consistency", source, "happy path", size1, size2, root1, root2, path, false})
	if len(path) == 0 {
		return // the published corruptions need a proof to corrupt
	}
	for _, c := range corruptConsistencyProof(size1, size2, root1, root2, path) {
		write(vector{"consistency", source, c.desc, c.size1, c.size2, c.root1, c.root2, c.proof, false})
	}
}

// subtreeRoot is the definition of RFC 6962, 2.1, over leaves start to stop of one endless list.
func subtreeRoot(start, stop uint64) []byte {
	if stop-start == 1 {
		return hasher.HashLeaf(fmt.Appendf(nil, "leaf %d", start))
	}
	split := uint64(1)
	for split*2 < stop-start {
		split *= 2
	}
	return hasher.HashChildren(subtreeRoot(start, start+split), subtreeRoot(start+split, stop))
}

func nodeHashes(t *testing.T, nodes Nodes) [][]byte {
	hashes := [][]byte{}
	for _, id := range nodes.IDs {
		hashes = append(hashes, subtreeRoot(id.Coverage()))
	}
	path, err := nodes.Rehash(hashes, hasher.HashChildren)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func writeSmallTrees(t *testing.T, write func(vector)) {
	for size := uint64(1); size <= largestTree; size++ {
		root := subtreeRoot(0, size)
		for index := uint64(0); index < size; index++ {
			nodes, err := Inclusion(index, size)
			if err != nil {
				t.Fatal(err)
			}
			leaf := subtreeRoot(index, index+1)
			writeInclusion("small trees", index, size, nodeHashes(t, nodes), root, leaf, write)
		}
		for older := uint64(1); older <= size; older++ {
			nodes, err := Consistency(older, size)
			if err != nil {
				t.Fatal(err)
			}
			writeConsistency("small trees", older, size, nodeHashes(t, nodes), subtreeRoot(0, older), root, write)
		}
	}
}
