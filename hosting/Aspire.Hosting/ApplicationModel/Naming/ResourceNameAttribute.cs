namespace Aspire.Hosting.ApplicationModel;

/// <summary>Marks a parameter that names a resource, so that tools can apply Aspire's naming rule to it.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class ResourceNameAttribute : Attribute, IModelNameParameter
{
}
