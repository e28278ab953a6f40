namespace Aspire.Hosting.Supervisor.Publishing;

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
