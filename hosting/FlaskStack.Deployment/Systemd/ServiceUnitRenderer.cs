using Aspire.Hosting;
using Aspire.Hosting.Gunicorn.Publishing;
using FlaskStack.Deployment.Model;

namespace FlaskStack.Deployment.Systemd;

/// <summary>Renders the unit template of a service: one instance per replica.</summary>
internal static class ServiceUnitRenderer
{
    /// <summary>The limit of open files, enough for 10,000 clients.</summary>
    private const long OpenFiles = 65_536;

    /// <summary>.NET's sockets in <c>/tmp</c> are for debuggers, and off unless the AppHost sets this variable.</summary>
    private const string Diagnostics = "DOTNET_EnableDiagnostics";

    /// <summary>
    /// gunicorn gives the temporary files of its workers to their user, and sets that user, although it is its own. systemd counts these as
    /// privileged calls.
    /// </summary>
    private const string OwnerCalls = "@chown @setuid";

    /// <summary>
    /// How long a stop may take: the service waits for its connections first (<c>Drain:Seconds</c>), then for its requests.
    /// </summary>
    public static TimeSpan StopTime(ServerService service) =>
        TimeSpan.FromSeconds(service.Supervision.StopWaitSeconds) + ValueReader.DrainTime(service.Variables);

    public static string Render(ServerApplication application, ServerService service)
    {
        var paths = application.Paths;
        var unit = new UnitWriter().Comment(
            $"Written by {application.AppHost}; publish again to change it, or add a drop-in (systemctl edit).");
        WriteUnit(unit, application, service, paths);
        WriteProcess(unit, service, paths);
        WriteSupervision(unit, service);
        WriteLimits(unit, service);
        WriteAccount(unit, application, service, paths);
        WriteHardening(unit, service);
        return unit.ToString();
    }

    /// <summary>
    /// Renders the template of the sockets. A restart of the target leaves them open, and they end with the last unit that wants them.
    /// </summary>
    public static string RenderSocket(ServerApplication application, ServerService service) => new UnitWriter()
        .Comment($"Written by {application.AppHost}; publish again to change it.")
        .Section("Unit")
        .Set("Description", $"{application.Name} {service.Name}, socket of replica %i")
        .Set("ConditionPathExists", $"/{application.Paths.CurrentRelease(service.Name)}")
        .Set("StopWhenUnneeded", "yes")
        .Section("Socket")
        .Set("ListenStream", application.Paths.Socket(service.Name))
        .Set("SocketGroup", application.ProxyGroup)
        .Set("SocketMode", "0660")
        .Set("RemoveOnStop", "yes")
        .ToString();

    private static void WriteUnit(UnitWriter unit, ServerApplication application, ServerService service, ServerPaths paths)
    {
        var socket = paths.SocketUnitName(service.Name);
        unit.Section("Unit")
            .Set("Description", $"{application.Name} {service.Name}, replica %i")
            .Set("After", service.IsSocketActivated ? $"network.target {socket}" : "network.target")
            .SetIf(service.IsSocketActivated, "Requires", () => socket)
            .Set("PartOf", paths.TargetName)
            // Before the first release there is nothing to start, again and again.
            .Set("ConditionPathExists", $"/{paths.CurrentRelease(service.Name)}");
        if (service.IsSupervised)
        {
            unit.UnlimitedStarts();
        }
    }

    private static void WriteProcess(UnitWriter unit, ServerService service, ServerPaths paths)
    {
        var current = $"/{paths.CurrentRelease(service.Name)}";
        var arguments = string.Concat(
            service.Arguments.Select(argument => " " + Quote(argument).Replace("$", "$$", StringComparison.Ordinal)));
        unit.Section("Service")
            .Set("Type", "notify")
            .Set("NotifyAccess", "main")
            .Set("ExecStart", $"{current}/{service.Executable}{arguments}")
            .Set("WorkingDirectory", current);

        var written = service.Variables.Where(variable => variable.Value.Literal is not null).ToArray();
        if (service.Python is null)
        {
            unit.SetIf(
                    service.Variables.All(static variable => variable.Name != Diagnostics), "Environment", static () => $"{Diagnostics}=0")
                .Set("Environment", $"ASPNETCORE_URLS=http://unix:{paths.Socket(service.Name)}");
        }
        else
        {
            unit.Set("ExecReload", "/bin/kill -HUP $MAINPID")
                .Set("KillMode", "mixed")
                .Set("Environment", $"{PublishedGunicorn.BindVariable}=unix:{paths.Socket(service.Name)}")
                .Set("Environment", "PYTHONUNBUFFERED=1")
                .Set("Environment", "PYTHONDONTWRITEBYTECODE=1");
        }

        unit
            .Set("Environment", $"OTEL_SERVICE_NAME={service.Name}")
            .Set("Environment", "OTEL_RESOURCE_ATTRIBUTES=service.instance.id=%i");
        foreach (var variable in written)
        {
            unit.Set("Environment", UnitWriter.Quote($"{variable.Name}={variable.Value.Literal}"));
        }

        unit.Set("EnvironmentFile", $"/{paths.SettingsFile(service.Name)}");
    }

    private static void WriteSupervision(UnitWriter unit, ServerService service)
    {
        var options = service.Supervision;
        unit.Paragraph("Supervision, from WithSupervisor");
        if (service.IsSupervised)
        {
            unit.Restart(options);
        }

        unit.Set("TimeoutStartSec", options.HealthyTimeout);
        // gunicorn has a watchdog of its own for its workers (timeout).
        if (service.IsSupervised && options.Watchdog.Enabled && service.Python is null)
        {
            unit.Set("WatchdogSec", options.Watchdog.Timeout).Set("WatchdogSignal", "SIGKILL");
        }

        unit.Set("KillSignal", options.StopSignal ?? "SIGTERM")
            .Set("TimeoutStopSec", StopTime(service));
        if (options.MaxLifetime is { } lifetime)
        {
            unit.Set("RuntimeMaxSec", lifetime);
            unit.SetIf(options.MaxLifetimeJitter > TimeSpan.Zero, "RuntimeRandomizedExtraSec",
                () => UnitWriter.Duration(options.MaxLifetimeJitter));
        }
    }

    private static void WriteLimits(UnitWriter unit, ServerService service)
    {
        unit.Paragraph("Resource limits");
        if (service.Supervision.MemoryLimit is { } memory)
        {
            unit.Set("MemoryMax", memory).Set("MemorySwapMax", 0);
        }

        unit.ScheduleAsBatch().Set("LimitNOFILE", OpenFiles).Set("LimitCORE", 0);
    }

    private static void WriteAccount(UnitWriter unit, ServerApplication application, ServerService service, ServerPaths paths)
    {
        unit.Paragraph("An account that exists while the service runs; nginx reaches the socket through the group")
            .Set("DynamicUser", "yes")
            .Set("User", paths.UnitName(service.Name))
            .Set("Group", application.ProxyGroup)
            // The group of nginx needs the right to write to a socket that the service makes itself.
            .Set("UMask", service.IsSocketActivated ? "0077" : "0007");
        if (!service.IsSocketActivated)
        {
            unit.Set("RuntimeDirectory", paths.RuntimeFolder(service.Name)).Set("RuntimeDirectoryMode", "0750");
        }
    }

    private static void WriteHardening(UnitWriter unit, ServerService service)
    {
        unit.Paragraph("Hardening: the service may read the system, write to its own folders, and use the network")
            .Set("ProtectSystem", "strict")
            .Set("ProtectHome", "yes")
            .Set("PrivateTmp", "yes")
            .Set("PrivateDevices", "yes")
            .Set("PrivateUsers", "yes")
            .Set("PrivateMounts", "yes")
            // .NET reads in /proc whether its parent is systemd, and otherwise does not report that it is ready.
            .SetIf(service.Python is not null, "ProtectProc", static () => "invisible")
            .Set("ProtectClock", "yes")
            .Set("ProtectHostname", "yes")
            .Set("ProtectKernelTunables", "yes")
            .Set("ProtectKernelModules", "yes")
            .Set("ProtectKernelLogs", "yes")
            .Set("ProtectControlGroups", "yes")
            .Set("RestrictNamespaces", "yes")
            .Set("RestrictRealtime", "yes")
            .Set("RestrictSUIDSGID", "yes")
            .Set("LockPersonality", "yes")
            // A just-in-time compiler needs writable code.
            .SetIf(service.IsNative, "MemoryDenyWriteExecute", () => "yes")
            .Set("NoNewPrivileges", "yes")
            .Set("RemoveIPC", "yes")
            .Set("KeyringMode", "private")
            .Set("DevicePolicy", "closed")
            .Set("CapabilityBoundingSet", string.Empty)
            .Set("RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6")
            .Set("SystemCallArchitectures", "native")
            .Set("SystemCallFilter", "@system-service")
            // The .NET runtime of a release that is not native sets the processors of its threads, and does not start otherwise.
            .Set("SystemCallFilter", service.IsNative ? "~@privileged @resources" : "~@privileged")
            .SetIf(service.Python is not null, "SystemCallFilter", static () => OwnerCalls)
            // A forbidden call fails with an error instead of ending the process.
            .Set("SystemCallErrorNumber", "EPERM");
    }

    private static string Quote(PublishedValue argument) => argument.Literal is { } text
        ? UnitWriter.Quote(text)
        : throw new DistributedApplicationException(
            "An argument contains a parameter, which everybody on the server could read: pass it in an environment variable.");
}
