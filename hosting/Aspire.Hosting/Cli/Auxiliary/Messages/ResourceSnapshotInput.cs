namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>An argument that a command takes.</summary>
internal sealed record ResourceSnapshotInput
{
    public required string Name { get; init; }

    public string? Label { get; init; }

    public string? Description { get; init; }

    public bool EnableDescriptionMarkdown { get; init; }

    public required string InputType { get; init; }

    public bool Required { get; init; }

    public string? Placeholder { get; init; }

    public string? Value { get; init; }

    public Dictionary<string, string>? Options { get; init; }

    public bool AllowCustomChoice { get; init; }

    public bool Disabled { get; init; }

    public int? MaxLength { get; init; }
}
