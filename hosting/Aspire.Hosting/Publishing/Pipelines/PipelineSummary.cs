using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.Pipelines;

/// <summary>What a person reads when a pipeline has ended well.</summary>
[Experimental("ASPIREPIPELINES001", UrlFormat = "https://aka.ms/aspire/diagnostics#{0}")]
public sealed class PipelineSummary
{
    private readonly List<PipelineSummaryItem> _items = [];

    /// <summary>The lines, in the order they were added.</summary>
    public ReadOnlyCollection<PipelineSummaryItem> Items => _items.AsReadOnly();

    /// <summary>Adds a line.</summary>
    /// <param name="key">What the line tells.</param>
    /// <param name="value">The value.</param>
    public void Add(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);

        _items.Add(new PipelineSummaryItem(key, value, enableMarkdown: false));
    }
}
