using FlaskStack.Bench.Processes;

namespace FlaskStack.Bench.Competitors;

/// <summary>nginx in front of as many bare Kestrels as our stack has replicas, run as it runs them: what our features cost.</summary>
internal sealed class KestrelBehindNginx : ICompetitor
{
    private const int Fewest = 2;
    private const int Most = 8;

    /// <inheritdoc/>
    public string Key => "nginx-kestrel";

    /// <inheritdoc/>
    public string Title => "nginx → Kestrel";

    /// <inheritdoc/>
    public IReadOnlySet<string> ServingPrograms { get; } = new HashSet<string> { "nginx", BareKestrel.Program };

    /// <inheritdoc/>
    public Task<RunningStack> StartAsync(Ground ground, CancellationToken cancellationToken) =>
        CompetitorStart.RunAsync(ground, async stack =>
        {
            var sockets = Enumerable.Range(0, Math.Clamp(Environment.ProcessorCount, Fewest, Most))
                .Select(number => ground.At($"kestrel-{number}.sock"))
                .ToList();
            sockets.ForEach(socket => BareKestrel.StartOnSocket(stack, socket));
            await stack.WaitUntilAsync(_ => Task.FromResult(sockets.TrueForAll(IsReady)), "open Kestrel's sockets", cancellationToken);
            BareNginx.Start(stack, BareNginx.PassingServer(ground.Port, sockets.Select(socket => $"unix:{socket}")));
            await stack.WaitUntilServingAsync(cancellationToken);
        });

    /// <summary>The rights are set once it serves.</summary>
    private static bool IsReady(string socket) =>
        File.Exists(socket) && Rights.AreForAll(socket);
}
