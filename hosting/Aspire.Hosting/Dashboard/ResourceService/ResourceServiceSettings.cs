namespace Aspire.Hosting.Dashboard.ResourceService;

/// <summary>Where the resource service listens and who may call it.</summary>
/// <param name="ListenUrl">The address, <c>http</c> with a numeric host or <c>localhost</c>; <see langword="null"/> takes a free port of 127.0.0.1.</param>
/// <param name="ApiKey">The key every caller has to give; <see langword="null"/> lets everybody call.</param>
internal sealed record ResourceServiceSettings(Uri? ListenUrl, string? ApiKey)
{
    // A key must not come to be in a log by way of the record's text.
    public override string ToString() => $"{nameof(ResourceServiceSettings)} {{ {nameof(ListenUrl)} = {ListenUrl} }}";
}
