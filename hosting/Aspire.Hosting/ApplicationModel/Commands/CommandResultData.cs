namespace Aspire.Hosting.ApplicationModel;

/// <summary>What a command produced.</summary>
public sealed class CommandResultData
{
    /// <summary>Gets the text.</summary>
    public required string Value { get; init; }

    /// <summary>Gets the format of the text. Default: plain text.</summary>
    public CommandResultFormat Format { get; init; }

    /// <summary>Gets whether the dashboard opens the text at once. Default: <see langword="false"/>.</summary>
    public bool DisplayImmediately { get; init; }
}
