using System.Text;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Kubernetes;

/// <summary>Turns workloads into manifests, one object a file: the same input gives the same bytes.</summary>
internal sealed class ManifestRenderer(KubernetesTarget target, IReadOnlyList<Workload> workloads)
{
    /// <summary>Not part of the kustomization: real secrets do not belong beside it.</summary>
    private const string SecretExampleFile = "secret.example.yaml";

    private const string Placeholder = "CHANGE-ME";

    /// <summary>Where the images of projects are looked for until somebody says where they are.</summary>
    private const string Registry = "registry.example.com";

    /// <summary>Of the processor time that a pod requests; above it there are more of them.</summary>
    private const int BusyPercent = 70;

    /// <summary>Load that comes in waves keeps its pods.</summary>
    private const int CalmSeconds = 300;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The Secret with the secret parameters.</summary>
    private string SecretsName => $"{target.ApplicationName}-secrets";

    /// <summary>The ConfigMap with the other parameters that have no value yet.</summary>
    private string ParametersName => $"{target.ApplicationName}-parameters";

    /// <summary>What every pod of the application is marked with.</summary>
    private YamlMap ApplicationLabels => new() { { "app.kubernetes.io/part-of", target.ApplicationName } };

    public IEnumerable<PublishedFile> Render()
    {
        var parameters = workloads
            .SelectMany(static workload => workload.Variables.Select(static variable => variable.Value).Concat(workload.Arguments))
            .SelectMany(static value => value.Parameters)
            .Distinct()
            .OrderBy(static parameter => parameter.Key, StringComparer.Ordinal)
            .ToLookup(static parameter => parameter.IsSecret);
        (string File, YamlMap Root)[] manifests =
        [
            .. parameters[false].Any() ? [("parameters.yaml", Parameters("ConfigMap", ParametersName, "data", parameters[false]))]
                : Array.Empty<(string, YamlMap)>(),
            .. workloads.SelectMany(Manifests),
        ];
        return
        [
            File("kustomization.yaml", Kustomization(manifests.Select(static manifest => manifest.File))),
            .. manifests.Select(manifest => File(manifest.File, manifest.Root)),
            .. parameters[true].Any() ? [File(SecretExampleFile, Parameters("Secret", SecretsName, "stringData", parameters[true]))]
                : Array.Empty<PublishedFile>(),
        ];
    }

    /// <summary>What the objects of a workload are marked with, in Kubernetes' recommended words.</summary>
    public YamlMap Labels(Workload workload) => new()
    {
        { "app.kubernetes.io/name", workload.Name },
        { "app.kubernetes.io/part-of", target.ApplicationName },
    };

    /// <summary>Where a parameter comes from: the Secret or the ConfigMap, never the manifest itself.</summary>
    public YamlMap Source(PublishedParameter parameter) => new()
    {
        {
            parameter.IsSecret ? "secretKeyRef" : "configMapKeyRef",
            new YamlMap { { "name", parameter.IsSecret ? SecretsName : ParametersName }, { "key", parameter.Key } }
        },
    };

    /// <summary>The ConfigMap with the files of a workload.</summary>
    public static string ConfigurationName(Workload workload) => $"{workload.Name}-config";

    private IEnumerable<(string File, YamlMap Root)> Manifests(Workload workload)
    {
        if (!workload.Files.IsEmpty)
        {
            yield return ($"{workload.Name}-config.yaml", Configuration(workload));
        }

        yield return (
            $"{workload.Name}-deployment.yaml", Object(workload, "apps/v1", "Deployment", new DeploymentRenderer(this, workload).Spec()));
        if (workload.IsScaled)
        {
            yield return (
                $"{workload.Name}-autoscaler.yaml", Object(workload, "autoscaling/v2", "HorizontalPodAutoscaler", Autoscaler(workload)));
        }

        if (workload.Replicas > 1)
        {
            yield return ($"{workload.Name}-disruption-budget.yaml", Object(
                workload, "policy/v1", "PodDisruptionBudget", new YamlMap { { "maxUnavailable", 1 }, { "selector", Selector(workload) } }));
        }

        if (workload.Ports.IsEmpty)
        {
            yield break;
        }

        yield return ($"{workload.Name}-service.yaml", Object(workload, "v1", "Service", Service(workload)));
        if (!workload.IsExternal)
        {
            yield return (
                $"{workload.Name}-network-policy.yaml", Object(workload, "networking.k8s.io/v1", "NetworkPolicy", NetworkPolicy(workload)));
        }

        if (workload.IsRouted)
        {
            yield return ($"{workload.Name}-ingress.yaml", Object(workload, "networking.k8s.io/v1", "Ingress", Ingress(workload)));
        }
    }

    private YamlMap Object(Workload workload, string apiVersion, string kind, YamlMap spec) => new()
    {
        { "apiVersion", apiVersion },
        { "kind", kind },
        { "metadata", new YamlMap { { "name", workload.Name }, { "labels", Labels(workload) } } },
        { "spec", spec },
    };

    public YamlMap Selector(Workload workload) => new() { { "matchLabels", Labels(workload) } };

    private YamlMap Configuration(Workload workload)
    {
        var (data, binaryData) = (new YamlMap(), new YamlMap());
        foreach (var file in workload.Files)
        {
            if (TextOf(file.Content) is { } text)
            {
                data.Add(file.Key, text);
            }
            else
            {
                binaryData.Add(file.Key, Convert.ToBase64String(file.Content));
            }
        }

        return new YamlMap
        {
            { "apiVersion", "v1" },
            { "kind", "ConfigMap" },
            { "metadata", new YamlMap { { "name", ConfigurationName(workload) }, { "labels", Labels(workload) } } },
            { "data", data },
            { "binaryData", binaryData },
        };
    }

    /// <summary>What has to be filled in, with nothing secret in it.</summary>
    private YamlMap Parameters(string kind, string name, string field, IEnumerable<PublishedParameter> parameters)
    {
        var data = new YamlMap();
        foreach (var parameter in parameters)
        {
            data.Add(parameter.Key, Placeholder);
        }

        return new YamlMap
        {
            { "apiVersion", "v1" },
            { "kind", kind },
            { "metadata", new YamlMap { { "name", name }, { "labels", ApplicationLabels } } },
            { "type", kind == "Secret" ? "Opaque" : null },
            { field, data },
        };
    }

    /// <summary>What <c>kubectl apply -k</c> reads.</summary>
    private YamlMap Kustomization(IEnumerable<string> files) => new()
    {
        { "apiVersion", "kustomize.config.k8s.io/v1beta1" },
        { "kind", "Kustomization" },
        { "resources", files.ToArray() },
        {
            "images",
            workloads.Where(static workload => workload.Kind == WorkloadKind.Project).Select(workload => new YamlMap
            {
                { "name", workload.Image },
                { "newName", $"{Registry}/{target.ApplicationName}/{workload.Name}" },
                { "newTag", "latest" },
            }).ToArray()
        },
    };

    private static YamlMap Autoscaler(Workload workload) => new()
    {
        { "scaleTargetRef", new YamlMap { { "apiVersion", "apps/v1" }, { "kind", "Deployment" }, { "name", workload.Name } } },
        { "minReplicas", workload.Replicas },
        { "maxReplicas", workload.MaxReplicas },
        {
            "metrics",
            new[]
            {
                new YamlMap
                {
                    { "type", "Resource" },
                    {
                        "resource",
                        new YamlMap { { "name", "cpu" },
                            { "target", new YamlMap { { "type", "Utilization" }, { "averageUtilization", BusyPercent } } } }
                    },
                },
            }
        },
        { "behavior", new YamlMap { { "scaleDown", new YamlMap { { "stabilizationWindowSeconds", CalmSeconds } } } } },
    };

    private YamlMap Service(Workload workload) => new()
    {
        { "type", workload is { IsExternal: true, IsRouted: false } ? "LoadBalancer" : "ClusterIP" },
        { "selector", Labels(workload) },
        {
            "ports",
            workload.Ports.Select(
                static port => new YamlMap { { "name", port.Name }, { "port", port.ServicePort }, { "targetPort", port.Name } }).ToArray()
        },
    };

    /// <summary>
    /// The application's own pods alone reach it: it believes what nginx says of clients, so that nobody else may say it.
    /// </summary>
    private YamlMap NetworkPolicy(Workload workload) => new()
    {
        { "podSelector", Selector(workload) },
        { "policyTypes", Yaml.List("Ingress") },
        {
            "ingress",
            new[]
            {
                new YamlMap
                {
                    { "from", new[] { new YamlMap { { "podSelector", new YamlMap { { "matchLabels", ApplicationLabels } } } } } },
                    { "ports", workload.Ports.Select(static port => new YamlMap { { "port", port.Name } }).ToArray() },
                },
            }
        },
    };

    private YamlMap Ingress(Workload workload)
    {
        var routes = target.Routes.Where(route => route.Workload == workload.Name).ToArray();
        return new YamlMap
        {
            { "ingressClassName", routes.Select(static route => route.ClassName).FirstOrDefault(static name => name is not null) },
            {
                "tls",
                routes.Where(static route => route.TlsSecret is not null).Select(static route => new YamlMap
                {
                    { "hosts", route.Host is { } host ? new[] { host } : null },
                    { "secretName", route.TlsSecret },
                }).ToArray()
            },
            {
                "rules",
                routes.GroupBy(static route => route.Host).Select(static rule => new YamlMap
                {
                    { "host", rule.Key },
                    { "http", new YamlMap { { "paths", rule.Select(Path).ToArray() } } },
                }).ToArray()
            },
        };
    }

    private static YamlMap Path(IngressRoute route) => new()
    {
        { "path", route.Path },
        { "pathType", "Prefix" },
        {
            "backend",
            new YamlMap
            {
                { "service", new YamlMap { { "name", route.Workload },
                    { "port", new YamlMap { { "number", KubernetesTarget.ServicePort(route.Endpoint.EndpointAnnotation) } } } } },
            }
        },
    };

    private static string? TextOf(byte[] content)
    {
        try
        {
            return Strict.GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private PublishedFile File(string path, YamlMap root) => PublishedFile.OfText(
        path, $"# Written by {target.AppHost}; publish again to change it, or patch it with an overlay of your own.\n{Yaml.Write(root)}");
}
