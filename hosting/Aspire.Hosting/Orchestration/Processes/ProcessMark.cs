namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>An environment variable that a child and what it starts have in common with nobody else.</summary>
/// <param name="Value">Its value.</param>
internal readonly record struct ProcessMark(string Value)
{
    /// <summary>Its name.</summary>
    public const string VariableName = "FLASKSTACK_PROCESS_ID";

    /// <summary>The variable as <c>NAME=value</c>.</summary>
    public override string ToString() => $"{VariableName}={Value}";
}
