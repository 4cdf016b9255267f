package main

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric/noop"
	"go.uber.org/zap"

	filteredpods "knative.dev/pkg/client/injection/kube/informers/core/v1/pod/filtered"
	"knative.dev/pkg/configmap"
	"knative.dev/pkg/controller"
	"knative.dev/pkg/injection"
	"knative.dev/pkg/logging"
	"knative.dev/serving/pkg/apis/autoscaling/v1alpha1"
	"knative.dev/serving/pkg/apis/serving"
	"knative.dev/serving/pkg/autoscaler/metrics"
	"knative.dev/serving/pkg/autoscaler/scaling"
	"knative.dev/serving/pkg/reconciler/autoscaling/kpa"
	"knative.dev/serving/pkg/reconciler/metric"
	"knative.dev/serving/pkg/resources"
)

// No simulated pod can be asked for its load: there is nothing to scrape, and every revision keeps its
// initial scale.
func nothingToScrape(*v1alpha1.Metric, *zap.SugaredLogger) (metrics.StatsScraper, error) {
	return nil, nil
}

// newCollector returns what the controllers of Metrics and of PodAutoscalers share.
func newCollector() *metrics.MetricCollector {
	return metrics.NewMetricCollector(nothingToScrape, zap.NewNop().Sugar())
}

// ofMetrics makes the controller of Metrics.
func ofMetrics(collector *metrics.MetricCollector) injection.ControllerConstructor {
	return func(ctx context.Context, configs configmap.Watcher) *controller.Impl {
		return metric.NewController(ctx, configs, collector)
	}
}

// ofPodAutoscalers makes the controller of the PodAutoscalers that scale by requests (class "kpa").
func ofPodAutoscalers(collector *metrics.MetricCollector) injection.ControllerConstructor {
	return func(ctx context.Context, configs configmap.Watcher) *controller.Impl {
		pods := filteredpods.Get(ctx, serving.RevisionUID).Lister()
		scalerOf := func(decider *scaling.Decider) (scaling.UniScaler, error) {
			revision := decider.Labels[serving.RevisionLabelKey]
			return scaling.New(*attribute.EmptySet(), noop.NewMeterProvider(), decider.Namespace,
				decider.Name, collector, resources.NewPodAccessor(pods, decider.Namespace, revision),
				&decider.Spec), nil
		}
		return kpa.NewController(ctx, configs,
			scaling.NewMultiScaler(ctx.Done(), scalerOf, logging.FromContext(ctx)))
	}
}
