namespace Aspire.Hosting.Pipelines;

/// <summary>Steps and what they wait for, checked: every name is known, and none waits for itself.</summary>
internal sealed class PipelineGraph
{
    private readonly Dictionary<string, PipelineStep> _steps = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _dependencies = new(StringComparer.Ordinal);

    /// <exception cref="DistributedApplicationException">Two steps have one name, a step names one that does not exist, or steps wait for each other.</exception>
    public PipelineGraph(IEnumerable<PipelineStep> steps)
    {
        foreach (var step in steps)
        {
            if (!_steps.TryAdd(step.Name, step))
            {
                throw new DistributedApplicationException($"Two steps of the pipeline are named '{step.Name}'. Give each a name of its own.");
            }

            _dependencies.Add(step.Name, []);
        }

        foreach (var step in _steps.Values)
        {
            step.DependsOnSteps.ForEach(before => Connect(step, before, after: step.Name, missing: before));
            step.RequiredBySteps.ForEach(after => Connect(step, before: step.Name, after, missing: after));
        }

        Order(_steps.Keys);
    }

    /// <summary>The steps, in the order they were added.</summary>
    public IEnumerable<PipelineStep> Steps => _steps.Values;

    /// <summary>The names of the steps that come before one.</summary>
    public IReadOnlyList<string> DependenciesOf(PipelineStep step) => _dependencies[step.Name];

    /// <summary>A step and all that it needs, each after those it waits for, otherwise in the order they were added.</summary>
    /// <param name="name">The step; null for all of them.</param>
    /// <exception cref="DistributedApplicationException">There is no such step; the message lists those there are.</exception>
    public IReadOnlyList<PipelineStep> OrderFor(string? name)
    {
        if (name is null)
        {
            return Order(_steps.Keys);
        }

        return _steps.ContainsKey(name)
            ? Order([name])
            : throw new DistributedApplicationException($"There is no step '{name}'. The steps are: {string.Join(", ", _steps.Keys.Order(StringComparer.Ordinal))}.");
    }

    private void Connect(PipelineStep step, string before, string after, string missing)
    {
        if (!_steps.ContainsKey(missing))
        {
            throw new DistributedApplicationException($"The step '{step.Name}' names a step '{missing}' that does not exist.");
        }

        _dependencies[after].Add(before);
    }

    private List<PipelineStep> Order(IEnumerable<string> names)
    {
        var ordered = new List<PipelineStep>();
        var done = new HashSet<string>(StringComparer.Ordinal);
        var path = new List<string>();
        foreach (var name in names)
        {
            Visit(name);
        }

        return ordered;

        void Visit(string name)
        {
            if (done.Contains(name))
            {
                return;
            }

            if (path.IndexOf(name) is >= 0 and var start)
            {
                throw new DistributedApplicationException($"These steps of the pipeline wait for each other: {string.Join(" → ", path.Skip(start).Append(name))}.");
            }

            path.Add(name);
            _dependencies[name].ForEach(Visit);
            path.RemoveAt(path.Count - 1);
            done.Add(name);
            ordered.Add(_steps[name]);
        }
    }
}
