namespace Aspire.Hosting.Supervisor.Publishing;

/// <summary>An environment variable of a container app.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, or the expression of the manifest that stands for it.</param>
/// <param name="Kind">Which of these.</param>
internal sealed record ContainerAppVariable(string Name, string Value, ContainerAppVariableKind Kind)
{
    /// <summary>The parameter of the module that carries an expression.</summary>
    public string Parameter => $"env_{string.Concat(Name.Select(static character => char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character) : '_'))}";

    /// <summary>The secret of the app that carries a secret.</summary>
    public string Secret => Parameter.Replace('_', '-');
}
