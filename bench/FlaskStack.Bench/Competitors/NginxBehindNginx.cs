namespace FlaskStack.Bench.Competitors;

/// <summary>nginx in front of nginx: what the hop through a proxy leaves.</summary>
/// <param name="overSocket">Over a Unix socket, else over TCP.</param>
internal sealed class NginxBehindNginx(bool overSocket) : ICompetitor
{
    /// <inheritdoc/>
    public string Key => overSocket ? "nginx-nginx-socket" : "nginx-nginx-tcp";

    /// <inheritdoc/>
    public string Title => overSocket ? "nginx → nginx, Unix socket" : "nginx → nginx, TCP";

    /// <inheritdoc/>
    public IReadOnlySet<string> ServingPrograms { get; } = new HashSet<string> { "nginx" };

    /// <inheritdoc/>
    public Task<RunningStack> StartAsync(Ground ground, CancellationToken cancellationToken) =>
        CompetitorStart.RunAsync(ground, async stack =>
        {
            var address = overSocket ? $"unix:{ground.At("behind.sock")}" : $"127.0.0.1:{FreePort.Next()}";
            BareNginx.Start(stack, NginxAlone.AnsweringServer(address), "behind");
            BareNginx.Start(stack, BareNginx.PassingServer(ground.Port, [address]), "front");
            await stack.WaitUntilServingAsync(cancellationToken);
        });
}
