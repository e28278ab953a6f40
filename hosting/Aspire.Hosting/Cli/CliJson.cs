using System.Text.Json.Serialization;
using Aspire.Hosting.Cli.Auxiliary.Messages;
using Aspire.Hosting.Cli.Primary.Messages;

namespace Aspire.Hosting.Cli;

/// <summary>How messages of both channels are written: made at build time, so that the first of a run costs no more than the others.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    PropertyNameCaseInsensitive = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(DashboardUrls))]
[JsonSerializable(typeof(AppHostLogEntry))]
[JsonSerializable(typeof(ResourceStateEntry))]
[JsonSerializable(typeof(PublishingActivity))]
[JsonSerializable(typeof(PipelineStepsRequest))]
[JsonSerializable(typeof(PipelineStepsAnswer))]
[JsonSerializable(typeof(AppHostInformation))]
[JsonSerializable(typeof(AppHostInfo))]
[JsonSerializable(typeof(CapabilitiesAnswer))]
[JsonSerializable(typeof(DashboardInfo))]
[JsonSerializable(typeof(ReadyAnswer))]
[JsonSerializable(typeof(StopAnswer))]
[JsonSerializable(typeof(ResourcesRequest))]
[JsonSerializable(typeof(ResourcesAnswer))]
[JsonSerializable(typeof(ResourceSnapshot))]
[JsonSerializable(typeof(ResourceSnapshot[]))]
[JsonSerializable(typeof(ConsoleLogsRequest))]
[JsonSerializable(typeof(ConsoleLogLine))]
[JsonSerializable(typeof(ConsoleLogBatch))]
[JsonSerializable(typeof(CommandRequest))]
[JsonSerializable(typeof(CommandAnswer))]
[JsonSerializable(typeof(WaitRequest))]
[JsonSerializable(typeof(WaitAnswer))]
internal sealed partial class CliJson : JsonSerializerContext;
