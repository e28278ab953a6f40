using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace FlaskStack.Tests.Graph;

/// <summary>The supervisor scales by what nginx counts.</summary>
[Collection(OwnGraphGroup.Name)]
public sealed class AutoscalingTests
{
    [Fact]
    public async Task Follows_requests_in_flight_where_there_is_nginx()
    {
        await using var stack = await RunningGraph.StartAsync(
            withDashboard: false,
            builder => builder.CreateResourceBuilder<ReplicaGroupResource>("api").WithAutoscaling(scaling => scaling with
            {
                RequestsPerReplica = 0.2,
                ProcessorsPerReplica = null,
                Window = TimeSpan.FromSeconds(2),
                ScaleDownAfter = TimeSpan.FromSeconds(3),
            }),
            "--Api:Replicas=1",
            "--Api:MaxReplicas=2",
            // Nobody needs to be there: nginx says what it counts to the application itself.
            "--OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9");

        await using (SteadyLoad.Start(stack.App.GetEndpoint("nginx")))
        {
            await ScaledAsync(stack, "from 1 to 2, at ", "2 of 2");
        }

        await ScaledAsync(stack, "from 2 to 1, at ", "1 of 1");
        await stack.WaitForRowAsync("api-2", row => KnownResourceStates.TerminalStates.Contains(row.Snapshot.State?.Text));
    }

    private static Task<ResourceEvent> ScaledAsync(RunningGraph stack, string step, string replicas) =>
        stack.WaitForRowAsync("api", row => Equals(Property(row, "supervisor.replicas"), replicas)
            && Property(row, "supervisor.scaling") is string shown
            && shown.StartsWith(step, StringComparison.Ordinal)
            && shown.Contains("requests in flight", StringComparison.Ordinal));

    private static object? Property(ResourceEvent row, string name) =>
        row.Snapshot.Properties.FirstOrDefault(property => property.Name == name)?.Value;
}
