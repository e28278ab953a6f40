namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value made of other values or resources.</summary>
public interface IValueWithReferences
{
    /// <summary>Gets what the value is made of.</summary>
    IEnumerable<object> References { get; }
}
