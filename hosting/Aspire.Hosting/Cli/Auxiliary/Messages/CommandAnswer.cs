namespace Aspire.Hosting.Cli.Auxiliary.Messages;

/// <summary>How a command went.</summary>
/// <param name="Success">Whether it did what it should.</param>
/// <param name="Canceled">Whether it was given up.</param>
/// <param name="Message">What a person reads.</param>
/// <param name="Value">What it brought.</param>
/// <param name="ValidationErrors">What is wrong with its arguments.</param>
/// <param name="ArgumentInputs">Its inputs, when they were asked for.</param>
internal sealed record CommandAnswer(
    bool Success,
    bool Canceled,
    string? Message,
    CommandValue? Value,
    CommandArgumentError[] ValidationErrors,
    ResourceSnapshotInput[]? ArgumentInputs)
{
    /// <summary>What older clients read in place of the message.</summary>
    public string? ErrorMessage => Success ? null : Message;
}
