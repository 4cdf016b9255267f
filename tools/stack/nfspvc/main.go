// The NfsPvc operator's controller and webhook on the loopback interface, at a port and with a
// certificate that the caller chooses: its own program knows only port 9443 on all interfaces.
//
// STORAGE_CLASS and RECLAIM_POLICY of the environment are the operator's own configuration.
package main

import (
	"flag"
	"log"

	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"github.com/dana-team/nfspvc-operator/api/v1alpha1"
	"github.com/dana-team/nfspvc-operator/internal/controller"
	"github.com/dana-team/nfspvc-operator/internal/controller/utils"
	nfspvcwebhook "github.com/dana-team/nfspvc-operator/internal/webhook/v1alpha1"
)

func main() {
	port := flag.Int("webhook-port", 0, "where the webhook listens on 127.0.0.1")
	certificates := flag.String("webhook-certs", "", "folder of tls.crt and tls.key")
	flag.Parse() // controller-runtime has added --kubeconfig
	ctrl.SetLogger(zap.New())
	if ok, reason := utils.VerifyEnvironmentVariables(); !ok {
		log.Fatal(reason)
	}
	if err := run(*port, *certificates); err != nil {
		log.Fatal(err)
	}
}

func run(port int, certificates string) error {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))
	manager, err := ctrl.NewManager(ctrl.GetConfigOrDie(), ctrl.Options{
		Scheme:  scheme,
		Metrics: metricsserver.Options{BindAddress: "0"},
		WebhookServer: webhook.NewServer(webhook.Options{
			Host: "127.0.0.1", Port: port, CertDir: certificates,
		}),
	})
	if err != nil {
		return err
	}
	reconciler := &controller.NfsPvcReconciler{
		Client: manager.GetClient(),
		Scheme: scheme,
		Log:    ctrl.Log.WithName("nfspvc"),
	}
	if err := reconciler.SetupWithManager(manager); err != nil {
		return err
	}
	if err := nfspvcwebhook.SetupNfsPvcWebhookWithManager(manager); err != nil {
		return err
	}
	return manager.Start(ctrl.SetupSignalHandler())
}
