//go:build tools

// Package knative pins Knative Serving's webhook, which runs as its project builds it.
package knative

import _ "knative.dev/serving/cmd/webhook"
