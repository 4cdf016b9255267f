// Knative Eventing's webhook for PingSources alone: the whole one serves probes on a fixed port of all
// interfaces, and wants the CRDs of kinds that nobody here uses.
package main

import (
	"context"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"knative.dev/eventing/pkg/apis/feature"
	sourcesconfig "knative.dev/eventing/pkg/apis/sources/config"
	sourcesv1 "knative.dev/eventing/pkg/apis/sources/v1"
	"knative.dev/pkg/configmap"
	"knative.dev/pkg/controller"
	"knative.dev/pkg/injection/sharedmain"
	"knative.dev/pkg/logging"
	"knative.dev/pkg/signals"
	"knative.dev/pkg/webhook"
	"knative.dev/pkg/webhook/certificates"
	"knative.dev/pkg/webhook/resourcesemantics"
	"knative.dev/pkg/webhook/resourcesemantics/defaulting"
	"knative.dev/pkg/webhook/resourcesemantics/validation"
)

// Names and paths are those of Knative's own program.
const (
	defaultingName = "webhook.eventing.knative.dev"
	defaultingPath = "/defaulting"
	validationName = "validation.webhook.eventing.knative.dev"
	validationPath = "/resource-validation"

	disallowUnknownFields = true
)

var kinds = map[schema.GroupVersionKind]resourcesemantics.GenericCRD{
	sourcesv1.SchemeGroupVersion.WithKind("PingSource"): &sourcesv1.PingSource{},
}

// configured returns what gives a request's context the configuration of the moment.
func configured(ctx context.Context, configs configmap.Watcher) func(context.Context) context.Context {
	logger := logging.FromContext(ctx)
	sources := sourcesconfig.NewStore(logger.Named("ping-config-store"))
	sources.WatchConfigs(configs)
	features := feature.NewStore(logger.Named("feature-config-store"))
	features.WatchConfigs(configs)
	return func(ctx context.Context) context.Context {
		return features.ToContext(sources.ToContext(ctx))
	}
}

func newDefaulting(ctx context.Context, configs configmap.Watcher) *controller.Impl {
	return defaulting.NewAdmissionController(ctx, defaultingName, defaultingPath, kinds,
		configured(ctx, configs), disallowUnknownFields)
}

func newValidation(ctx context.Context, configs configmap.Watcher) *controller.Impl {
	return validation.NewAdmissionController(ctx, validationName, validationPath, kinds,
		configured(ctx, configs), disallowUnknownFields)
}

func main() {
	ctx := webhook.WithOptions(signals.NewContext(), webhook.Options{
		ServiceName: webhook.NameFromEnv(),
		Port:        webhook.PortFromEnv(8443),
		SecretName:  "eventing-webhook-certs",
	})
	ctx = sharedmain.WithHealthProbesDisabled(ctx) // nobody probes it
	sharedmain.WebhookMainWithContext(ctx, webhook.NameFromEnv(),
		certificates.NewController, newDefaulting, newValidation)
}
