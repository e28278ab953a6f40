namespace FlaskStack.Deployment.Tests.Kubernetes;

/// <summary>A test that asks kubectl, and is skipped on a machine without it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KubectlFactAttribute : FactAttribute
{
    public KubectlFactAttribute() =>
        Skip = Kubectl.Path is null ? "No kubectl on the PATH: install it (Debian: apt-get install kubernetes-client)." : null;
}
