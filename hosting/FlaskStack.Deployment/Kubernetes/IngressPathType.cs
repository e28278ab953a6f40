namespace Aspire.Hosting.Kubernetes;

/// <summary>How the path of an Ingress is compared with that of a request.</summary>
public enum IngressPathType
{
    /// <summary>Element by element: <c>/api</c> is for <c>/api</c> and <c>/api/v1</c>, not for <c>/apis</c>.</summary>
    Prefix,

    /// <summary>As a whole.</summary>
    Exact,

    /// <summary>As the controller does it.</summary>
    ImplementationSpecific,
}
