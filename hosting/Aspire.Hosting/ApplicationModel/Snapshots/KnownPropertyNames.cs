namespace Aspire.Hosting.ApplicationModel;

/// <summary>Names of snapshot properties, as the Aspire dashboard reads them or as this host adds them.</summary>
internal static class KnownPropertyNames
{
    public const string WaitingFor = "resource.waitingFor";
    public const string ParentName = "resource.parentName";
    public const string AppArguments = "resource.appArgs";
    public const string AppArgumentsSensitivity = "resource.appArgsSensitivity";
    public const string ExecutablePath = "executable.path";
    public const string ExecutableProcessId = "executable.pid";
    public const string ExecutableWorkingDirectory = "executable.workDir";
    public const string ExecutableArguments = "executable.args";
    public const string ExecutableStopSignal = "executable.stopSignal";
    public const string ExecutableStopWait = "executable.stopWaitSeconds";
    public const string ExecutableEndedBy = "executable.endedBy";
    public const string Replicas = "replicas";
    public const string MaximumReplicas = "replicas.max";
    public const string ProjectPath = "project.path";
    public const string ProjectLaunchProfile = "project.launchProfile";
    public const string ParameterValue = "Value";

    private const string EndpointPrefix = "endpoint.";
    private const string UnixSocketSuffix = ".unixSocket";

    /// <summary>Names the property that holds the Unix socket on which a replica serves an endpoint.</summary>
    public static string EndpointUnixSocket(string endpointName) => $"{EndpointPrefix}{endpointName}{UnixSocketSuffix}";

    /// <summary>Says which endpoint's Unix socket a property holds; none for any other property.</summary>
    public static string? EndpointOfUnixSocket(string propertyName)
        => propertyName.StartsWith(EndpointPrefix, StringComparison.OrdinalIgnoreCase)
            && propertyName.EndsWith(UnixSocketSuffix, StringComparison.OrdinalIgnoreCase)
            && propertyName.Length > EndpointPrefix.Length + UnixSocketSuffix.Length
            ? propertyName[EndpointPrefix.Length..^UnixSocketSuffix.Length]
            : null;
}
