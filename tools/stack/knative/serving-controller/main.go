// Knative Serving's controllers and both of its autoscalers in one process: what Knative spreads over
// three programs, two of which serve on the same fixed port.
package main

import (
	filtered "knative.dev/pkg/client/injection/kube/informers/factory/filtered"
	"knative.dev/pkg/injection/sharedmain"
	"knative.dev/pkg/signals"
	"knative.dev/serving/pkg/apis/serving"
	"knative.dev/serving/pkg/reconciler/autoscaling/hpa"
	"knative.dev/serving/pkg/reconciler/configuration"
	"knative.dev/serving/pkg/reconciler/domainmapping"
	"knative.dev/serving/pkg/reconciler/gc"
	"knative.dev/serving/pkg/reconciler/labeler"
	"knative.dev/serving/pkg/reconciler/nscert"
	"knative.dev/serving/pkg/reconciler/revision"
	"knative.dev/serving/pkg/reconciler/route"
	"knative.dev/serving/pkg/reconciler/serverlessservice"
	"knative.dev/serving/pkg/reconciler/service"
)

func main() {
	ctx := filtered.WithSelectors(signals.NewContext(), serving.RevisionUID)
	ctx = sharedmain.WithHealthProbesDisabled(ctx) // nobody probes it
	collector := newCollector()
	sharedmain.MainWithContext(ctx, "controller",
		configuration.NewController,
		domainmapping.NewController,
		gc.NewController,
		labeler.NewController,
		nscert.NewController,
		revision.NewController,
		route.NewController,
		serverlessservice.NewController,
		service.NewController,
		hpa.NewController,
		ofMetrics(collector),
		ofPodAutoscalers(collector),
	)
}
