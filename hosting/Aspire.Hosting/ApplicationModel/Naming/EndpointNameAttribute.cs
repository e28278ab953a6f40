namespace Aspire.Hosting.ApplicationModel;

/// <summary>Marks a parameter that names an endpoint, so that tools can apply Aspire's naming rule to it.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class EndpointNameAttribute : Attribute, IModelNameParameter
{
}
