using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting.Dashboard.ResourceService.Conversion;

/// <summary>How the details pane shows a property before "show all" is chosen: what people look for, in the order Aspire has it.</summary>
/// <param name="Label">What stands before the value.</param>
/// <param name="Order">Lower comes first.</param>
internal sealed record PropertyAppearance(string Label, int Order)
{
    private const int Last = 9;

    public static PropertyAppearance? Of(string resourceType, string name) => (resourceType, name) switch
    {
        (_, KnownPropertyNames.ProjectPath) => new("Project path", 0),
        (_, KnownPropertyNames.ProjectLaunchProfile) => new("Launch profile", 1),
        (_, KnownPropertyNames.ExecutableProcessId) => new("Process ID", 3),
        (_, KnownPropertyNames.WaitingFor) => new("Waiting for", 4),
        (_, KnownPropertyNames.ParameterValue) => new("Value", 0),
        (ResourceTypes.Project, KnownPropertyNames.ExecutablePath or KnownPropertyNames.ExecutableWorkingDirectory or KnownPropertyNames.ExecutableArguments) => null,
        (_, KnownPropertyNames.ExecutablePath) => new("Executable path", 0),
        (_, KnownPropertyNames.ExecutableWorkingDirectory) => new("Working directory", 1),
        (_, KnownPropertyNames.ExecutableArguments) => new("Executable arguments", 2),
        _ when KnownPropertyNames.EndpointOfUnixSocket(name) is { } endpoint => new($"Unix socket ({endpoint})", Last),
        _ => null,
    };
}
