namespace Aspire.Hosting.ApplicationModel;

/// <summary>What becomes of earlier annotations of the same type when one is added.</summary>
public enum ResourceAnnotationMutationBehavior
{
    /// <summary>Earlier annotations stay. The default.</summary>
    Append = 0,

    /// <summary>Earlier annotations of the same type are removed.</summary>
    Replace = 1,
}
