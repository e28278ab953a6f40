using Aspire.Hosting;
using FlaskStack.Deployment.Tests.Systemd;

namespace FlaskStack.Deployment.Tests.Kubernetes;

/// <summary>The rules are worth something only when they notice what is wrong.</summary>
public class ManifestRulesTests
{
    [Theory]
    [InlineData("api-deployment.yaml", "enableServiceLinks", "enableServiceLink", "'enableServiceLink' could not be mapped")]
    [InlineData("api-deployment.yaml", "value: \"8080\"", "value: 8080", "could not be converted to System.String")]
    [InlineData("api-deployment.yaml", "memory: 256Mi", "memory: 256MB", "unable to parse quantity's suffix")]
    [InlineData("api-deployment.yaml", "          image: api\n", "", "containers.image is missing")]
    [InlineData("api-deployment.yaml", "key: db-password\n", "key: password\n", "Password comes from nowhere")]
    [InlineData("api-deployment.yaml", "$(PARAMETER_DB_PASSWORD)", "$(PASSWORD)", "names a variable that does not come before it")]
    [InlineData("api-deployment.yaml", "runAsUser: 1654", "runAsUser: 0", "it runs as root")]
    [InlineData("api-deployment.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "it may write everywhere")]
    [InlineData("api-deployment.yaml", "terminationGracePeriodSeconds: 39", "terminationGracePeriodSeconds: 5", "it has no time to end")]
    [InlineData("api-deployment.yaml", "port: 8080\n", "port: \"8080\"\n", "livenessProbe.httpGet.port is '8080'")]
    [InlineData(
        "api-deployment.yaml",
        "path: /alive\n              port: 8080",
        "path: /alive\n              port: 8081",
        "livenessProbe asks where nobody listens")]
    [InlineData("api-service.yaml", "kind: Service", "kind: Servant", "there is no kind v1 Servant")]
    [InlineData("api-service.yaml", "port: 80\n", "port: 80000\n", "Service.spec.ports.port is '80000'")]
    [InlineData("api-service.yaml", "targetPort: http", "targetPort: web", "a port leads nowhere")]
    [InlineData("api-autoscaler.yaml", "kind: Deployment\n    name: api\n", "kind: Deployment\n    name: shop\n", "it scales nothing")]
    [InlineData("api-autoscaler.yaml", "minReplicas: 3", "minReplicas: 0", "HorizontalPodAutoscaler.spec.minReplicas is '0'")]
    [InlineData("api-autoscaler.yaml", "maxReplicas: 6", "maxReplicas: 3", "there is nothing between its bounds")]
    [InlineData("nginx-deployment.yaml", "key: pages-1.html", "key: page-1.html", "its files are not those of the ConfigMap")]
    [InlineData("kustomization.yaml", "  - api-service.yaml\n", "", "it does not list the manifests there are")]
    public async Task Notice_what_is_wrong(string file, string right, string wrong, string problem)
    {
        using var files = await PublishedFiles.WriteAsync("publish-kubernetes", static builder =>
        {
            builder.AddKubernetesTarget("kubernetes");
            builder.AddShop();
        });
        var text = files[file];
        Assert.Contains(right, text, StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(files.Folder, file), text.Replace(right, wrong, StringComparison.Ordinal));

        Assert.Contains(ManifestRules.Check(files), broken => broken.Contains(problem, StringComparison.Ordinal));
    }
}
