//go:build tools

// Package knative pins the Knative webhooks, which run as their projects build them.
package knative

import (
	_ "knative.dev/eventing/cmd/webhook"
	_ "knative.dev/serving/cmd/webhook"
)
