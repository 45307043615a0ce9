// Command logcheck lets Go's own transparency log code (golang.org/x/mod/sumdb) judge what origintag wrote.
//
//	logcheck log [-old FILE] VKEY LOG        every tile, entry and proof of a log; -old: an earlier checkpoint of it
//	logcheck policy POLICY CHECKPOINT        a checkpoint against a policy of log and witness keys
//	logcheck proof POLICY ENTRY PROOF        a C2SP tlog-proof of the entry in the file ENTRY
//
// LOG is a folder or an http address; the others are files, and VKEY is the key's text. It prints what it accepted
// as JSON, and ends with status 1 and a sentence on standard error when it refuses.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	accepted, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "logcheck:", err)
		os.Exit(1)
	}
	json.NewEncoder(os.Stdout).Encode(accepted)
}

func run(args []string) (any, error) {
	if len(args) > 0 {
		switch args[0] {
		case "log":
			return runLog(args[1:])
		case "policy":
			return runPolicy(args[1:])
		case "proof":
			return runProof(args[1:])
		}
	}
	return nil, fmt.Errorf("want log, policy or proof, got %q", args)
}
