namespace Aspire.Hosting.ApplicationModel;

/// <summary>A tie from one resource to another.</summary>
/// <param name="ResourceName">The model name of the other resource.</param>
/// <param name="Type">The kind of tie, such as <c>Reference</c>, <c>WaitFor</c> or <c>Parent</c>.</param>
public sealed record RelationshipSnapshot(string ResourceName, string Type);
