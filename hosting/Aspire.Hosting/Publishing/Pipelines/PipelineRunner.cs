using Aspire.Hosting.Publishing.Output;
using Aspire.Hosting.Publishing.Progress;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Pipelines;

/// <summary>Runs steps one after the other, and tells of each. What they published takes its place when all of it is written.</summary>
internal sealed class PipelineRunner(PublishProgress progress, PipelineOutput output, IOptions<PipelineOptions> options)
{
    private readonly LogLevel _leastLevel = Enum.TryParse<LogLevel>(options.Value.LogLevel, ignoreCase: true, out var level) ? level : LogLevel.Information;

    /// <exception cref="StepFailedException">A step failed.</exception>
    /// <exception cref="DistributedApplicationException">What was written could not be put into its place.</exception>
    public async Task RunAsync(IEnumerable<PipelineStep> steps, PipelineContext context)
    {
        foreach (var step in steps)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            await RunAsync(step, context).ConfigureAwait(false);
            if (step.Name == WellKnownPipelineSteps.Publish)
            {
                // What deploys comes later, and works with the files where they stay.
                output.Commit();
            }
        }
    }

    private async Task RunAsync(PipelineStep step, PipelineContext context)
    {
        if (BuiltInSteps.IsQuiet(step))
        {
            await step.Action(new PipelineStepContext { PipelineContext = context, ReportingStep = NoReport.Instance }).ConfigureAwait(false);
            return;
        }

        var report = new StepReport(progress, step.Name, _leastLevel);
        await using (report.ConfigureAwait(false))
        {
            try
            {
                await step.Action(new PipelineStepContext { PipelineContext = context, ReportingStep = report }).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
            {
                report.Fail("It was cancelled.");
                throw;
            }
            catch (Exception e)
            {
                report.Fail(e.Message);
                throw new StepFailedException(step.Name, e);
            }
        }
    }
}
