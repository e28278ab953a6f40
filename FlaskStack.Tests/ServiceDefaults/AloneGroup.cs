namespace FlaskStack.Tests.ServiceDefaults;

/// <summary>
/// Tests that run when no others do: activities are the whole process's, and what is sent at a stop has seconds to reach a collector
/// in this process.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneGroup
{
    public const string Name = "alone";
}
