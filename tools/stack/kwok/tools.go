//go:build tools

// Package kwok pins the program that plays the node, its kubelet and the controllers that cannot run here.
package kwok

import _ "sigs.k8s.io/kwok/cmd/kwok"
