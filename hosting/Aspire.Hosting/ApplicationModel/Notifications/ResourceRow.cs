namespace Aspire.Hosting.ApplicationModel;

/// <summary>What is known of one resource instance, and the order in which it became known.</summary>
internal sealed class ResourceRow(IResource resource, string id, int order)
{
    private ResourceUpdate? _last;

    public IResource Resource { get; } = resource;

    public string Id { get; } = id;

    public int Order { get; } = order;

    /// <summary>Gets the gate that serialises the row's updates.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Gets or sets the last update; none while the first one is made.</summary>
    public ResourceUpdate? Last
    {
        get => Volatile.Read(ref _last);
        set => Volatile.Write(ref _last, value);
    }
}
