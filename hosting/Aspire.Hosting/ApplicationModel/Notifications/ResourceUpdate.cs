namespace Aspire.Hosting.ApplicationModel;

/// <summary>A published change, and its number among the changes of its row.</summary>
internal sealed record ResourceUpdate(ResourceEvent Event, long Version);
