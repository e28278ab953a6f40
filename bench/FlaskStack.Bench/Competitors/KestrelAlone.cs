namespace FlaskStack.Bench.Competitors;

/// <summary>Kestrel without a proxy.</summary>
internal sealed class KestrelAlone : ICompetitor
{
    /// <inheritdoc/>
    public string Key => "kestrel";

    /// <inheritdoc/>
    public string Title => "Kestrel alone";

    /// <inheritdoc/>
    public IReadOnlySet<string> ServingPrograms { get; } = new HashSet<string> { BareKestrel.Program };

    /// <inheritdoc/>
    public Task<RunningStack> StartAsync(Ground ground, CancellationToken cancellationToken) =>
        CompetitorStart.RunAsync(ground, async stack =>
        {
            BareKestrel.StartOnPort(stack, ground.Port);
            await stack.WaitUntilServingAsync(cancellationToken);
        });
}
