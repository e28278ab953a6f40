using System.Collections.Immutable;
using Aspire.Hosting.Kubernetes.Model;
using Aspire.Hosting.Kubernetes.Yaml;
using Aspire.Hosting.Publishing.Files;
using Aspire.Hosting.Publishing.Values;

namespace Aspire.Hosting.Kubernetes.Rendering;

/// <summary>Turns an application into manifests: the same input gives the same bytes.</summary>
internal static class ClusterRenderer
{
    /// <summary>Not part of the kustomization: real secrets do not belong beside it.</summary>
    private const string SecretExampleFile = "secret.example.yaml";

    public static ImmutableArray<PublishedFile> Render(ClusterApplication application)
    {
        var parameters = application.Workloads
            .SelectMany(static workload => workload.Variables.Select(static variable => variable.Value).Concat(workload.Arguments))
            .SelectMany(static value => value.Parameters)
            .Distinct()
            .OrderBy(static parameter => parameter.Key, StringComparer.Ordinal)
            .ToLookup(static parameter => parameter.IsSecret);
        var manifests = Manifests(application, parameters[false]).ToImmutableArray();
        var kustomization = KustomizationRenderer.Render(application, manifests.Select(static manifest => manifest.File));
        return
        [
            File(application, "kustomization.yaml", kustomization),
            .. manifests.Select(manifest => File(application, manifest.File, manifest.Root)),
            .. parameters[true].Any() ? [File(application, SecretExampleFile, ConfigMapRenderer.RenderSecretExample(application, parameters[true]))] : Array.Empty<PublishedFile>(),
        ];
    }

    private static IEnumerable<(string File, YamlMap Root)> Manifests(ClusterApplication application, IEnumerable<PublishedParameter> parameters)
    {
        if (parameters.Any())
        {
            yield return ("parameters.yaml", ConfigMapRenderer.RenderParameters(application, parameters));
        }

        foreach (var manifest in application.Workloads.SelectMany(workload => Manifests(application, workload)))
        {
            yield return manifest;
        }

        foreach (var ingress in application.Ingresses)
        {
            yield return ($"{ingress.Name}-ingress.yaml", IngressRenderer.Render(application, ingress));
        }
    }

    private static IEnumerable<(string File, YamlMap Root)> Manifests(ClusterApplication application, Workload workload)
    {
        if (!workload.Files.IsEmpty)
        {
            yield return ($"{workload.Name}-config.yaml", ConfigMapRenderer.RenderFiles(application, workload));
        }

        yield return ($"{workload.Name}-deployment.yaml", DeploymentRenderer.Render(application, workload));
        if (workload.IsScaled)
        {
            yield return ($"{workload.Name}-autoscaler.yaml", ScalingRenderer.RenderAutoscaler(application, workload));
        }

        if (workload.Replicas > 1)
        {
            yield return ($"{workload.Name}-disruption-budget.yaml", ScalingRenderer.RenderDisruptionBudget(application, workload));
        }

        if (workload.Ports.IsEmpty)
        {
            yield break;
        }

        yield return ($"{workload.Name}-service.yaml", ServiceRenderer.Render(application, workload));
        if (!workload.IsExternal)
        {
            yield return ($"{workload.Name}-network-policy.yaml", NetworkPolicyRenderer.Render(application, workload));
        }
    }

    private static PublishedFile File(ClusterApplication application, string path, YamlMap root) =>
        PublishedFile.OfText(path, YamlWriter.Write($"Written by {application.AppHost}; publish again to change it, or patch it with an overlay of your own.", root));
}
