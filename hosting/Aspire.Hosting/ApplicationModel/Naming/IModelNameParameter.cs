namespace Aspire.Hosting.ApplicationModel;

/// <summary>An attribute that marks a parameter as a name in the model, so that tools can apply Aspire's naming rule to it.</summary>
public interface IModelNameParameter
{
}
