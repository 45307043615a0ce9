package main

import (
	"fmt"
	"os"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

// policyAnswer names the signatures that were verified, the log's and the witnesses'.
type policyAnswer struct {
	Origin  string   `json:"origin"`
	Size    int64    `json:"size"`
	Signers []string `json:"signers"`
}

func readPolicy(name string) (torchwood.Policy, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return torchwood.ParsePolicy(text)
}

func runPolicy(args []string) (any, error) {
	if len(args) != 2 {
		return nil, fmt.Errorf("want a policy and a checkpoint, got %q", args)
	}
	policy, err := readPolicy(args[0])
	if err != nil {
		return nil, err
	}
	signed, err := os.ReadFile(args[1])
	if err != nil {
		return nil, err
	}
	head, opened, err := torchwood.VerifyCheckpoint(signed, policy)
	if err != nil {
		return nil, err
	}
	answer := policyAnswer{Origin: head.Origin, Size: head.N, Signers: []string{}}
	for _, signature := range opened.Sigs {
		answer.Signers = append(answer.Signers, signature.Name)
	}
	return answer, nil
}

func runProof(args []string) (any, error) {
	if len(args) != 3 {
		return nil, fmt.Errorf("want a policy, an entry and a proof, got %q", args)
	}
	policy, err := readPolicy(args[0])
	if err != nil {
		return nil, err
	}
	entry, err := os.ReadFile(args[1])
	if err != nil {
		return nil, err
	}
	proof, err := os.ReadFile(args[2])
	if err != nil {
		return nil, err
	}
	if err := torchwood.VerifyProof(policy, tlog.RecordHash(entry), proof); err != nil {
		return nil, err
	}
	return map[string]bool{"proven": true}, nil
}
