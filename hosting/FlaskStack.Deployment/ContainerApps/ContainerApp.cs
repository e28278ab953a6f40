using System.Collections.Immutable;

namespace FlaskStack.Deployment.ContainerApps;

/// <summary>A project as Azure Container Apps runs it.</summary>
/// <param name="Name">The name of the app, under which others find it.</param>
/// <param name="MinReplicas">How many replicas there are at least.</param>
/// <param name="MaxReplicas">How many there are at most.</param>
/// <param name="StopSeconds">How long a replica has to end.</param>
/// <param name="IsExternal">Whether it is reached from outside.</param>
/// <param name="IsHttp2">Whether it is spoken to in HTTP/2.</param>
/// <param name="Environment">Its environment variables.</param>
internal sealed record ContainerApp(
    string Name,
    int MinReplicas,
    int MaxReplicas,
    int StopSeconds,
    bool IsExternal,
    bool IsHttp2,
    ImmutableArray<ContainerAppVariable> Environment);

/// <summary>An environment variable of a container app.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, or the expression of the manifest that stands for it.</param>
/// <param name="Kind">Which of these.</param>
internal sealed record ContainerAppVariable(string Name, string Value, ContainerAppVariableKind Kind)
{
    /// <summary>The parameter of the module that carries an expression.</summary>
    public string Parameter =>
        $"env_{string.Concat(Name.Select(static character => char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character) : '_'))}";

    /// <summary>The secret of the app that carries a secret.</summary>
    public string Secret => Parameter.Replace('_', '-');
}

/// <summary>Where the value of a variable comes from.</summary>
internal enum ContainerAppVariableKind
{
    /// <summary>It is the text itself.</summary>
    Text,

    /// <summary>It is the port that the image listens on.</summary>
    Port,

    /// <summary>It is worked out when the app is deployed.</summary>
    Expression,

    /// <summary>It is worked out when the app is deployed, and is kept secret.</summary>
    Secret,
}
