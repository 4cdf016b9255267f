// Knative Eventing's PingSource controller alone: each of the others that share its program wants further
// CRDs, and waits for them.
package main

import (
	"knative.dev/eventing/pkg/auth"
	"knative.dev/eventing/pkg/reconciler/pingsource"
	filtered "knative.dev/pkg/client/injection/kube/informers/factory/filtered"
	"knative.dev/pkg/injection/sharedmain"
	"knative.dev/pkg/signals"
)

func main() {
	ctx := filtered.WithSelectors(signals.NewContext(), auth.OIDCLabelSelector)
	ctx = sharedmain.WithHealthProbesDisabled(ctx) // nobody probes it
	sharedmain.MainWithContext(ctx, "controller", pingsource.NewController)
}
