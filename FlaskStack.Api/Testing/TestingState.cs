using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace FlaskStack.Api.Testing;

/// <summary>What the test routes have changed in this process.</summary>
internal sealed class TestingState : IHealthCheck
{
    private readonly List<byte[]> _leaked = [];
    private volatile bool _unhealthy;

    /// <summary>Makes the service ready or not.</summary>
    /// <param name="unhealthy"><see langword="true"/> to answer 503 at <c>/health</c>.</param>
    public void SetUnhealthy(bool unhealthy) => _unhealthy = unhealthy;

    /// <summary>Holds memory for the rest of the process's life.</summary>
    /// <param name="megabytes">How much, in MiB.</param>
    /// <returns>What is held in all, in MiB.</returns>
    public int Leak(int megabytes)
    {
        lock (_leaked)
        {
            for (var i = 0; i < megabytes; i++)
            {
                var block = GC.AllocateUninitializedArray<byte>(1024 * 1024);
                // Memory that was never written to is not resident.
                block.AsSpan().Fill(1);
                _leaked.Add(block);
            }

            return _leaked.Count;
        }
    }

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_unhealthy ? HealthCheckResult.Unhealthy("Made unhealthy at /testing/unhealthy.") : HealthCheckResult.Healthy());
}
