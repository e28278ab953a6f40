namespace Aspire.Hosting.ApplicationModel;

/// <summary>How the execution of a command ended.</summary>
public sealed class ExecuteCommandResult
{
    /// <summary>Gets whether it succeeded.</summary>
    public required bool Success { get; init; }

    /// <summary>Gets whether it was given up because somebody asked for that. Default: <see langword="false"/>.</summary>
    public bool Canceled { get; init; }

    /// <summary>Gets a text for people.</summary>
    public string? Message { get; init; }

    /// <summary>Gets the deprecated name of <see cref="Message"/>.</summary>
    [Obsolete("Use Message instead.")]
    public string? ErrorMessage { get => Message; init => Message = value; }

    /// <summary>Gets what the command produced.</summary>
    public CommandResultData? Data { get; init; }

    /// <summary>Gets whether the command was not executed because its arguments were wrong. Default: <see langword="false"/>.</summary>
    internal bool HasInvalidArguments { get; init; }
}
