using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;

namespace Aspire.Hosting.Dashboard.ResourceService.Conversion;

/// <summary>What the model sets comes before what the surroundings set: it is what people look for.</summary>
internal static class EnvironmentConversion
{
    public static IEnumerable<EnvironmentVariable> ToMessages(ImmutableArray<EnvironmentVariableSnapshot> variables)
        => variables.OrEmpty().OrderByDescending(static variable => variable.IsFromSpec).Select(ToMessage);

    private static EnvironmentVariable ToMessage(EnvironmentVariableSnapshot variable)
        => new() { Name = variable.Name, Value = variable.Value ?? string.Empty, IsFromSpec = variable.IsFromSpec };
}
