//go:build tools

// Package etcd pins the etcd server that the control plane of tests, demo and bench stores its objects in.
package etcd

import _ "go.etcd.io/etcd/server/v3"
