using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.ResourceService.Conversion;
using Aspire.Hosting.Dashboard.ResourceService.Protocol;
using Aspire.Hosting.Grpc;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Resource = Aspire.Hosting.Dashboard.ResourceService.Protocol.Resource;

namespace Aspire.Hosting.Dashboard.ResourceService;

/// <summary>The methods of <c>aspire.v1.DashboardService</c>. Uploads are missing: nothing here asks for a file.</summary>
internal sealed class DashboardService
{
    private const string Name = "aspire.v1.DashboardService";

    private readonly IConfiguration _configuration;
    private readonly IHostEnvironment _environment;

    public DashboardService(
        IConfiguration configuration,
        IHostEnvironment environment,
        ResourceNotificationService notifications,
        ResourceLoggerService logs,
        ResourceCommandService commands,
        TimeProvider time,
        ILogger logger)
    {
        _configuration = configuration;
        _environment = environment;
        var resources = new ResourceStream(notifications, new RowConverter<Resource>(ResourceConversion.ToMessage, "dashboard", logger), time);
        var consoles = new ConsoleLogStream(notifications, logs, time);
        var prompts = new InputPrompts();
        var executor = new CommandExecutor(notifications, commands, prompts);
        var interactions = new InteractionStream(prompts);

        Methods =
        [
            GrpcMethod.Unary(Name, "GetApplicationInformation", ApplicationInformationRequest.Parser, (_, _) => Task.FromResult(DescribeApplication())),
            GrpcMethod.ServerStreaming<WatchResourcesRequest, WatchResourcesUpdate>(Name, "WatchResources", WatchResourcesRequest.Parser, (_, writer, ended) => resources.SendAsync(writer, ended)),
            GrpcMethod.ServerStreaming<WatchResourceConsoleLogsRequest, WatchResourceConsoleLogsUpdate>(Name, "WatchResourceConsoleLogs", WatchResourceConsoleLogsRequest.Parser, consoles.SendAsync),
            GrpcMethod.Unary(Name, "ExecuteResourceCommand", ResourceCommandRequest.Parser, executor.ExecuteAsync),
            GrpcMethod.Duplex<WatchInteractionsRequestUpdate, WatchInteractionsResponseUpdate>(Name, "WatchInteractions", WatchInteractionsRequestUpdate.Parser, interactions.HoldAsync),
        ];
    }

    public IReadOnlyList<GrpcMethod> Methods { get; }

    /// <summary>No minimum version of the dashboard is named: all that is sent has been understood since its first one.</summary>
    private ApplicationInformationResponse DescribeApplication() => new() { ApplicationName = ApplicationName.Of(_configuration, _environment) };
}
